import type { Attack } from './attack.js';
import { fileAttacks } from './attacks/file-attacks.js';
import { guardAttacks } from './attacks/guard-attacks.js';
import { logAttacks, rogueAttack } from './attacks/log-attacks.js';
import { messageAttacks } from './attacks/message-attacks.js';
import { patternAttacks } from './attacks/pattern-attacks.js';
import { producerAttacks } from './attacks/producer-attacks.js';
import { unreadAttacks } from './attacks/unread-attacks.js';

/** All attacks. */
export const ATTACKS: readonly Attack[] = [
  ...patternAttacks,
  ...unreadAttacks,
  ...messageAttacks,
  ...producerAttacks,
  ...guardAttacks,
  ...logAttacks,
  rogueAttack,
  ...fileAttacks,
];

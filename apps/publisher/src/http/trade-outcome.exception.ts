import { ProblemException } from '@app/service-kit';

/** What to tell about trades that were taken, and not applied in time or at all. Nothing was refused at the door. */
export class TradeOutcomeException extends ProblemException {}

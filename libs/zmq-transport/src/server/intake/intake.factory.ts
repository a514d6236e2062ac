import type { Router } from 'zeromq';
import type { InboundDelivery } from '../../acknowledged/consumer/inbound-delivery.js';
import type { SocketPair } from '../../sockets/socket-settings.js';
import { ReplyOutbox } from '../requests/reply-outbox.js';
import { RequestRunner, type RequestRunnerOptions } from '../requests/request-runner.js';
import type { Intake } from './intake.js';
import type { PayloadIntake } from './payload.intake.js';
import { PullIntake } from './pull.intake.js';
import { RouterIntake } from './router.intake.js';
import { SubscribeIntake } from './subscribe.intake.js';

export interface RouterIntakeOptions extends Omit<RequestRunnerOptions, 'replies'> {
  readonly delivery: InboundDelivery;
  readonly maxReplyBytesPerPeer: number;
  readonly maxFrameBytes: number;
}

/** An intake with its requests, where the pair has any. */
export interface PairIntake {
  readonly intake: Intake;
  readonly requests: RequestRunner | undefined;
  readonly close: () => void;
}

const NOTHING_TO_CLOSE = (): void => undefined;

export function createIntake(
  pair: SocketPair,
  socket: unknown,
  payload: PayloadIntake,
  options: RouterIntakeOptions & { readonly onMissed: (events: number) => void },
): PairIntake {
  switch (pair) {
    case 'push-pull':
      return { intake: new PullIntake(payload), requests: undefined, close: NOTHING_TO_CLOSE };
    case 'pub-sub': {
      const intake = new SubscribeIntake(payload, options.handlers, options.onMissed);
      return { intake, requests: undefined, close: NOTHING_TO_CLOSE };
    }
    case 'dealer-router':
      return createRouterIntake(socket as Router, payload, options);
  }
}

function createRouterIntake(
  socket: Router,
  payload: PayloadIntake,
  options: RouterIntakeOptions,
): PairIntake {
  const replies = new ReplyOutbox({
    socket,
    codec: options.codec,
    maxFrameBytes: options.maxFrameBytes,
    maxBytesPerPeer: options.maxReplyBytesPerPeer,
    onDropped: options.onDropped,
    onPeerGone: (identity) => {
      requests.cancelAll(identity);
      options.delivery.leave(identity);
    },
    ackFor: (identity) => options.delivery.ackFor(identity),
  });
  options.delivery.attach(replies);
  const requests = new RequestRunner({ ...options, replies });
  return {
    intake: new RouterIntake(payload, requests, replies, options.delivery),
    requests,
    close: () => replies.close(),
  };
}

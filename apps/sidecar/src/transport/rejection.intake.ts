import type { RejectedMessage } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { isRefusedTrade } from '../intake/refused.event.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import { toRejection } from './rejection.mapper.js';

/** The one place where an event that was not applied comes out of the transport, and is counted. */
@Injectable()
export class RejectionIntake {
  private refusedTrades = 0;

  constructor(private readonly rejections: RejectionsService) {}

  /** Events that broke the contract. The transport takes each for a failed handler, which it is not for our users. */
  get refused(): number {
    return this.refusedTrades;
  }

  /** Takes note of a message. Never throws: it is called from the receive loop. */
  take(message: RejectedMessage): void {
    if (isRefusedTrade(message.cause)) this.refusedTrades += 1;
    this.rejections.reject(toRejection(message));
  }
}

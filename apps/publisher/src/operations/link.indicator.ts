import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LinkService } from '../publishing/link.service.js';

/** Whether a sidecar is there. Its absence is no failure of the publisher: events wait, so it is only degraded. */
@Injectable()
export class LinkIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly link: LinkService,
  ) {}

  /** Down once the link is closed: nothing brings it back in this process. */
  checkOpen(): HealthIndicatorResult {
    const session = this.health.check('link');
    const { state } = this.link;
    return state === 'closed' ? session.down({ state }) : session.up({ state });
  }

  check(): HealthIndicatorResult {
    const { state, peers } = this.link.stats();
    const session = this.health.check('link');
    const notice = this.link.noticeText;
    return notice === undefined ? session.up({ state, peers }) : session.degraded({ state, peers, notice });
  }
}

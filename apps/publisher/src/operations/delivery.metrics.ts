import { METRICS } from '@app/contracts';
import { pulledCounter, pulledGauge } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { LinkService } from '../publishing/link.service.js';

/** Shows what is not acknowledged; read at scrape only, and 0 where nothing is acknowledged. */
@Injectable()
export class DeliveryMetrics {
  constructor(link: LinkService) {
    pulledGauge(METRICS.spoolEvents, () => link.deliveryStats().unacknowledgedEvents);
    pulledGauge(METRICS.spoolBytes, () => link.deliveryStats().unacknowledgedBytes);
    pulledGauge(METRICS.spoolOldest, () => link.deliveryStats().oldestUnacknowledgedSeconds);
    pulledGauge(METRICS.deliveryCredit, () => link.deliveryStats().credit);
    pulledCounter(METRICS.deliveryAcknowledged, () => link.deliveryStats().acknowledged);
    pulledCounter(METRICS.deliveryResent, () => link.deliveryStats().resent);
    pulledCounter(METRICS.deliveryFailed, () => link.deliveryStats().failed);
  }
}

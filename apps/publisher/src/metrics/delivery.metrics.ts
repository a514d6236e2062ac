import { METRICS } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { LinkService } from '../link/link.service.js';
import { scrapedGauge, scrapedTotal } from './scraped.metric.js';

/** Shows what is not acknowledged; read at scrape only, and 0 where nothing is acknowledged. */
@Injectable()
export class DeliveryMetrics {
  constructor(link: LinkService) {
    scrapedGauge(METRICS.spoolEvents, () => link.deliveryStats().unacknowledgedEvents);
    scrapedGauge(METRICS.spoolBytes, () => link.deliveryStats().unacknowledgedBytes);
    scrapedGauge(METRICS.spoolOldest, () => link.deliveryStats().oldestUnacknowledgedSeconds);
    scrapedGauge(METRICS.deliveryCredit, () => link.deliveryStats().credit);
    scrapedTotal(METRICS.deliveryAcknowledged, () => link.deliveryStats().acknowledged);
    scrapedTotal(METRICS.deliveryResent, () => link.deliveryStats().resent);
    scrapedTotal(METRICS.deliveryFailed, () => link.deliveryStats().failed);
  }
}

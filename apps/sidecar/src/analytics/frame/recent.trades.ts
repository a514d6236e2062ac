import { Injectable } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import { TradeFrame } from './trade.frame.js';

/** The frame of this sidecar. Memory that no trade has reached yet is not taken. */
@Injectable()
export class RecentTrades extends TradeFrame {
  constructor(config: SidecarConfig) {
    super(config.ANALYTICS_FRAME_ROWS);
  }
}

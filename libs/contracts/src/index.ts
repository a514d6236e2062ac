export { DELIVERY_MODES, type DeliveryMode } from './delivery/delivery-mode.js';
export {
  LONGEST_WINDOW_SECONDS,
  ROLLING_WINDOWS,
  SIDE_SCOPES,
  TRADE_STAGES,
  type RollingWindow,
  type SideScope,
  type TradeStage,
} from './metrics/analytics-metrics.js';
export { RESERVED_NAMES } from './metrics/configured-metrics.js';
export { OTHER_SYMBOL } from './metrics/flow-metrics.js';
export { METRICS } from './metrics/metric-catalogue.js';
export type { HistogramDefinition, MetricDefinition } from './metrics/metric-definition.js';
export { REJECTION_REASONS, type RejectionReason } from './trade/rejection-reasons.js';
export { SENT_FIELD, sentAtSeconds } from './trade/sent-time.js';
export { MAX_PRICE, MAX_QTY, MAX_TS_SECONDS, SYMBOL, TradeEvent } from './trade/trade-event.js';
export { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade/trade-pattern.js';
export { tradeSchema, type JsonSchema } from './trade/trade-schema.js';
export { tradeText } from './trade/trade-text.js';
export { checkTrade, type ContractViolation } from './trade/trade-validator.js';

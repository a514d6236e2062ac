/** The definition of one metric for Prometheus; fits prom-client's constructors and the make…Provider functions. */
export interface MetricDefinition<Label extends string = never> {
  readonly name: string;
  readonly help: string;
  /** Always there, empty without labels: prom-client takes it as it is. */
  readonly labelNames: readonly Label[];
}

/** A histogram's definition. */
export interface HistogramDefinition<Label extends string = never> extends MetricDefinition<Label> {
  /** Upper bounds in seconds; not readonly only because prom-client's type is not. */
  readonly buckets: number[];
}

/** Upper bounds of every latency histogram, in seconds: the same for all, so that stages can be compared and summed. */
export const LATENCY_BUCKETS_SECONDS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  30, 60,
];

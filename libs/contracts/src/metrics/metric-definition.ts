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

export { until } from '../../../../testing/wait.js';

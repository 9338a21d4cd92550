export { createRoutingPredictor } from './create-routing-predictor';
export type { RoutingPredictor } from './routing-predictor';

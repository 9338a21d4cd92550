export type { RoutingPredictor } from './routing-predictor';

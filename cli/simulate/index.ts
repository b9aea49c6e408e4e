/** A trace made up, its waits and its plot, for those who compare a simulation with what happened. */
export { type DepthCurve, depthCurve } from './depth-curve.ts';
export { makeTrace } from './make-trace.ts';
export { measureWaits, type Percentiles, type Waits } from './measure-waits.ts';
export { type Plot, renderSvg } from './render-svg.ts';
export { traceLine } from './read-trace.ts';

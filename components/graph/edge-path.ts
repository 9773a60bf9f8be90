/** Geometry of edges; pure, in canvas pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface EdgeCurve {
  readonly path: string;
  readonly at: (t: number) => Point;
  readonly middle: Point;
}

/**
 * A cubic whose ends leave along their port's side: control offset is half the distance, within 40–160.
 * `sourceSide` bottom is the error port; targets are always on the left.
 */
export function edgeCurve(source: Point, target: Point, sourceSide: 'right' | 'bottom'): EdgeCurve {
  const offset = Math.min(160, Math.max(40, Math.hypot(target.x - source.x, target.y - source.y) / 2));
  const first = sourceSide === 'right' ? { x: source.x + offset, y: source.y } : { x: source.x, y: source.y + offset };
  const second = { x: target.x - offset, y: target.y };
  const at = (t: number): Point => {
    const u = 1 - t;
    const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    return {
      x: a * source.x + b * first.x + c * second.x + d * target.x,
      y: a * source.y + b * first.y + c * second.y + d * target.y,
    };
  };
  const path = `M${source.x},${source.y}C${first.x},${first.y} ${second.x},${second.y} ${target.x},${target.y}`;
  return { path, at, middle: at(0.5) };
}

/** The point on the curve that is `distance` away from its start in a straight line (a pill sits there). */
export function pointAtDistance(curve: EdgeCurve, distance: number): Point {
  const start = curve.at(0);
  let [low, high] = [0, 0.5];
  for (let step = 0; step < 12; step += 1) {
    const t = (low + high) / 2;
    const point = curve.at(t);
    if (Math.hypot(point.x - start.x, point.y - start.y) < distance) low = t;
    else high = t;
  }
  return curve.at(high);
}

/** Width of a micro-size pill around a word, so that it can be placed before the browser has measured it. */
export function pillWidth(text: string): number {
  return Math.min(120, Math.round(text.length * 6.1 + 14));
}

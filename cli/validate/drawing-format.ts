/** The ways to draw a script. */
export const DRAWING_FORMATS = ['boxes', 'mermaid', 'dot'] as const;

/** A way to draw a script. */
export type DrawingFormat = (typeof DRAWING_FORMATS)[number];

import Type, { type TSchema } from 'typebox';

/** A value, or `null` where it is not known or does not apply. */
export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A time, as it is on the wire. */
export const TimeSchema = Type.String({ format: 'date-time' });

/** One of some words. */
export const oneOf = <const Word extends string>(words: readonly Word[], description?: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    description === undefined ? {} : { description },
  );

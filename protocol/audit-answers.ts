import Type from 'typebox';
import { oneOf, orNull, TimeSchema } from './answer-parts.ts';
import { PageLinkSchema } from './queue-list.ts';

/** What `GET /audit_trail` answers. */
export const AuditTrailSchema = Type.Object({
  entries: Type.Array(
    Type.Object({
      id: Type.Integer({ minimum: 1 }),
      at: TimeSchema,
      actor: Type.String({ description: '"key 3", "loopback" or "command line".' }),
      key_id: orNull(Type.Integer()),
      role: oneOf(['client', 'staff', 'admin', 'operator']),
      action: Type.String(),
      target: Type.String({ description: 'Such as "job 17", "delivery 3" or "client course.example.edu".' }),
      request_id: orNull(Type.String()),
      outcome: Type.String(),
    }),
    { description: 'The newest first.' },
  ),
  prev: Type.Optional(PageLinkSchema),
  next: Type.Optional(PageLinkSchema),
});

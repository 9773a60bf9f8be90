import { api } from '#lib/http/api.ts';
import { withoutRewrite } from '#lib/http/mounts.ts';

export const dynamic = 'force-dynamic';

/** Under a plain Next deployment the same Hono app serves; `npm start` mounts it in front of Next instead. */
const handle = (request: Request) => api().fetch(withoutRewrite(request));

export { handle as DELETE, handle as GET, handle as HEAD, handle as OPTIONS, handle as PATCH, handle as POST, handle as PUT };

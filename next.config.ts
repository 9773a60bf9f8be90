import type { NextConfig } from 'next';
import { pageRewrites } from './lib/http/mounts.ts';

const config: NextConfig = {
  /** Tests build into a folder of their own, so that a running instance keeps its files. */
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  /** `npm test` checks the types of everything; checking again at every start would only cost time. */
  typescript: { ignoreBuildErrors: true },
  /** For plain Next deployments. Under `npm start` these paths never come here. */
  rewrites: async () => pageRewrites(),
};

export default config;

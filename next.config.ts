import type { NextConfig } from 'next';

const config: NextConfig = {
  /** Tests build into a folder of their own, so that a running instance keeps its files. */
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  /** `npm test` checks the types of everything; checking again at every start would only cost time. */
  typescript: { ignoreBuildErrors: true },
};

export default config;

// The pages are made by make.py. A link that leads nowhere fails the build.
import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const pages = new URL('../pages/', import.meta.url);
const of = folder => readdirSync(new URL(folder + '/', pages)).filter(name => name.endsWith('.md') && name !== 'index.md').sort()
  .map(name => ({ text: name.slice(0, -3).replaceAll('-', ' '), link: `/${folder}/${name.slice(0, -3)}` }));

export default defineConfig({
  title: 'Guarantees',
  description: 'Guarantees for amortized inference',
  srcDir: 'pages',
  outDir: 'dist',
  lastUpdated: false,
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [{ text: 'Getting started', link: '/getting-started' }, { text: 'Claims', link: '/claims/' }, { text: 'API', link: '/api/' }],
    sidebar: [
      { text: 'Start', items: [{ text: 'Overview', link: '/' }, { text: 'Getting started', link: '/getting-started' }, { text: 'From Python', link: '/python' }] },
      { text: 'Claims', link: '/claims/', collapsed: true, items: of('claims') },
      { text: 'Use', items: [{ text: 'A gate for CI', link: '/gate' }, { text: 'Unit tests', link: '/xunit' }, { text: 'Papers', link: '/paper' }, { text: 'Training', link: '/training' }, { text: 'Simulators', link: '/simulators' }] },
      { text: 'Background', items: [{ text: 'Soundness', link: '/soundness' }, { text: 'Proofs', link: '/proofs' }, { text: 'Statistics', link: '/statistics' }, { text: 'Log densities', link: '/log-density' }, { text: 'Samplers', link: '/sampler' }, { text: 'Formats', link: '/formats' }, { text: 'Figures', link: '/results' }, { text: 'Changes', link: '/changelog' }] },
      { text: 'Examples', collapsed: true, items: of('examples') },
      { text: 'API', link: '/api/', collapsed: true, items: of('api') },
    ],
  },
});

import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQL } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

import { fetcher } from './fetcher.js';
import { kept } from './kept.js';
import { key, query } from './link.js';
import welcome from './welcome.graphql?raw';

const NARROW_PX = 1000; // below it the explorer would leave the editor too little room

// The explorer takes the cursor for the first argument that it shows, unless the editor has it by then.
function Cursor() {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => editor?.focus(), [editor]);
  return null;
}

const explorer = explorerPlugin();
const plugins = [HISTORY_PLUGIN, explorer];
const headers = key && JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    visiblePlugin={innerWidth < NARROW_PX ? undefined : explorer}
    storage={kept}
    defaultQuery={welcome.trimEnd()}
    initialQuery={query}
    initialHeaders={headers}
    defaultHeaders={headers}
    shouldPersistHeaders={false} // they hold the key; it stays in sessionStorage only
    defaultEditorToolsVisibility={key ? 'variables' : 'headers'}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>oms_api</GraphiQL.Logo>
    <Cursor />
  </GraphiQL>,
);

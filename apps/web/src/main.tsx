import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app-view.js';
import { startTheme } from './theme/theme-store.js';
import './app/app.css';

startTheme();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

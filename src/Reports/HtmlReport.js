'use strict';
// Sorts and filters the summary; without it the page is the same, in the order of the spec.
(() => {
  const table = document.querySelector('table.summary'), body = table?.tBodies[0];
  const rows = body ? [...body.rows] : [];
  if (rows.length < 6) return;
  const text = cell => cell.querySelector('[aria-label="none"]') ? '' : cell.textContent.trim();
  const number = value => parseFloat(value.replace('−', '-').replace('∞', 'Infinity').replace(/^[≤≥ ]+/, ''));

  // Each heading becomes a button: up, down, back to the order of the spec.
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const next = { ascending: 'descending', descending: '' }[head.getAttribute('aria-sort') ?? ''] ?? 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      if (next) head.setAttribute('aria-sort', next);
      const sign = next === 'descending' ? -1 : 1;
      const order = (a, b) => {
        const [p, q] = [text(a.cells[column]), text(b.cells[column])];
        if (!p || !q) return !p - !q;
        const [x, y] = [number(p), number(q)];
        return sign * (head.classList.contains('n') && !isNaN(x) && !isNaN(y) ? x - y : p.localeCompare(q, 'en', { numeric: true }));
      };
      body.append(...(next ? rows.toSorted(order) : rows));
    });
  });

  const bar = document.createElement('form');
  bar.className = 'filter';
  bar.setAttribute('role', 'search');
  bar.setAttribute('aria-label', 'Filter claims');
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = 'Filter by words';
  field.setAttribute('aria-label', 'Words that a claim must have');
  const verdicts = ['proved', 'refuted', 'undecided'].filter(verdict => body.querySelector('.badge.' + verdict)).map(verdict => {
    const label = document.createElement('label'), box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = true;
    box.value = verdict;
    label.append(box, ' ' + verdict);
    return [label, box];
  });
  const told = document.createElement('output');
  bar.append(field, ...verdicts.map(([label]) => label), told);
  const apply = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(verdicts.filter(([, box]) => box.checked).map(([, box]) => box.value));
    let shown = 0;
    for (const row of rows) {
      const section = document.querySelector(row.querySelector('a').hash)?.closest('section');
      const all = row.textContent.toLowerCase();
      const isShown = words.every(word => all.includes(word)) && [...wanted].some(verdict => row.querySelector('.badge.' + verdict));
      row.hidden = !isShown;
      if (section) section.hidden = !isShown;
      shown += isShown;
    }
    told.textContent = shown === rows.length ? '' : `${shown} of ${rows.length} claims`;
  };
  bar.addEventListener('input', apply);
  bar.addEventListener('submit', event => event.preventDefault());
  table.before(bar);
})();

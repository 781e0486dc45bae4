// Runs first in every document: what a script does when it runs is said on the console, where the test listens.
const CALLED = ['alert', 'confirm', 'prompt', 'print', 'open', 'fetch'];
for (const name of CALLED) window[name] = () => console.log(`a script called ${name}`);

// What stands under `root` that the view never writes. `allowed`: elements, styles, head.
window.foreign = (root, allowed) => {
    const found = [];
    const link = /^(https?:\/\/|mailto:)[^\s]+$/i;
    const rules = {
        style: (element, value) => allowed.styles.has(value),
        open: (element, value) => element.localName === 'details' && value === '',
        tabindex: (element, value) => element.localName === 'div' && value === '0',
        cellpadding: (element, value) => element.localName === 'table' && value === '5',
        start: (element, value) => element.localName === 'ol' && /^\d{1,9}$/.test(value),
        target: (element, value) => element.localName === 'a' && value === '_blank',
        rel: (element, value) => element.localName === 'a' && value === 'noopener noreferrer nofollow',
        href: (element, value) => element.localName === 'a' && link.test(value)
            && ['http:', 'https:', 'mailto:'].includes(element.protocol) && element.origin !== location.origin,
    };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.nodeType !== Node.ELEMENT_NODE) {
            found.push(`a comment: ${node.data}`);
            continue;
        }
        if (node.namespaceURI !== 'http://www.w3.org/1999/xhtml' || !allowed.elements.has(node.localName)) {
            found.push(`the element ${node.outerHTML}`);
            continue;
        }
        for (const {name, value} of node.attributes) {
            if (!Object.hasOwn(rules, name) || !rules[name](node, value)) {
                found.push(`${name}=${value} on the element ${node.localName}`);
            }
        }
        if (node.localName === 'a' && node.hasAttribute('target') && !node.hasAttribute('rel')) {
            found.push(`a link to another tab without rel: ${node.outerHTML}`);
        }
    }
    return found;
};

// What a person does who reads everything without following a link: opens, reaches and points at.
window.readThrough = root => {
    for (const details of root.querySelectorAll('details')) details.open = true;
    for (const element of root.querySelectorAll('a, summary, [tabindex]')) {
        element.focus();
        for (const type of ['pointerover', 'mouseover', 'mouseenter', 'mousemove']) {
            element.dispatchEvent(new MouseEvent(type, {bubbles: true}));
        }
    }
};

const settled = () => new Promise(done => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 10)), 10));

const written = text => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    const {contentDocument, contentWindow} = frame;
    contentDocument.open();
    for (const name of CALLED) contentWindow[name] = window[name];
    contentDocument.write(text);
    contentDocument.close();
    return contentDocument;
};

// Shows every fragment the way a front end does, and by the parser of a whole page; and every page.
window.examine = async (fragments, pages, allowed) => {
    allowed = {
        elements: new Set(allowed.elements), styles: new Set(allowed.styles), head: allowed.head,
    };
    document.body.replaceChildren();
    const found = [];
    const notes = (what, at, list) => found.push(...list.map(note => `${what} ${at}: ${note.slice(0, 300)}`));
    const outputs = fragments.map(html => {
        const output = document.body.appendChild(document.createElement('div'));
        output.innerHTML = html;
        return output;
    });
    const parsed = fragments.map(html => written(`<!DOCTYPE html><title>x</title>${html}`));
    const whole = pages.map(written);
    [...outputs, ...[...parsed, ...whole].map(page => page.body)].forEach(readThrough);
    await settled();
    outputs.forEach((output, at) => notes('fragment', at, foreign(output, allowed)));
    [...parsed, ...whole].forEach((page, at) => {
        notes('page', at, foreign(page.body, allowed));
        const main = page.body.children.length === 1 && page.body.firstElementChild;
        if (at >= parsed.length) {
            page.title = '';
            if (!main || main.localName !== 'main') notes('page', at, ['something beside main']);
            if (page.head.innerHTML !== allowed.head) notes('page', at, [`the head ${page.head.innerHTML}`]);
        }
    });
    return found;
};

// The opposite: every text as raw HTML, each in a frame of its own, because some lead it away.
window.expose = async texts => {
    document.body.replaceChildren();
    for (const text of texts) written('<!DOCTYPE html><title>x</title>').body.innerHTML = text;
    await settled();
};

// Runs first in every document: what a script does when it runs is said on the console, where the test listens.
const CALLED = ['alert', 'confirm', 'prompt', 'print', 'open', 'fetch'];
for (const name of CALLED) window[name] = () => console.log(`a script called ${name}`);

// The filter of a page, which has nothing of a run but numbers.
const chip = /<label><input type="radio" name="show" value="[a-z]+"( checked="")?> [A-Z][a-z]+ [\d,]+<\/label> /.source;
const said = /<span class="puffle-[a-z-]+" hidden="">[\w,:. ]+<\/span>/.source;
const ownChips = new RegExp('^<div class="puffle-chips" role="radiogroup" aria-label="Show in the transcript" hidden="">'
    + `<span>Show</span> (${chip}){2,5}<p role="status">(${said}){2,5}</p></div>$`);
const ownClass = /^puffle-(turn|message|group|twin|text|call|reasoning|other|error|call puffle-error)$/;

// What stands under `root` that the view never writes.
window.foreign = (root, allowed, isPage = false) => {
    const found = [];
    // A page has ids of ours, and links to them.
    const ownId = /^((call|message)-\d+|contents)$/;
    const isOwnLink = value => isPage && value.startsWith('#') && ownId.test(value.slice(1))
        && root.ownerDocument.querySelectorAll(`[id="${value.slice(1)}"]`).length === 1;
    const link = /^(https?:\/\/|mailto:)[^\s]+$/i;
    const rules = {
        style: (element, value) => allowed.styles.has(value),
        class: (element, value) => (element.localName === 'div' && value === 'mathjax_ignore tex2jax_ignore')
            || (isPage && ['div', 'details'].includes(element.localName) && ownClass.test(value)),
        open: (element, value) => element.localName === 'details' && value === '',
        tabindex: (element, value) => element.localName === 'div' && value === '0',
        title: (element, value) => element.localName === 'span' && /^[\d,]+ polls?$/.test(value),
        dir: (element, value) => value === 'auto' || (element.localName === 'pre' && value === 'ltr'),
        cellpadding: (element, value) => element.localName === 'table' && value === '5',
        start: (element, value) => element.localName === 'ol' && /^\d{1,9}$/.test(value),
        target: (element, value) => element.localName === 'a' && value === '_blank',
        rel: (element, value) => element.localName === 'a' && value === 'noopener noreferrer nofollow',
        id: (element, value) => isPage && ['div', 'span'].includes(element.localName) && ownId.test(value),
        href: (element, value) => element.localName === 'a' && (isOwnLink(value) || link.test(value)
            && ['http:', 'https:', 'mailto:'].includes(element.protocol) && element.origin !== location.origin),
    };
    if (isPage) {
        const [chips, ...others] = root.querySelectorAll('.puffle-chips');
        found.push(...others.map(other => `more chips: ${other.outerHTML}`));
        if (chips && ownChips.test(chips.outerHTML)) chips.remove();  // and what was not removed is foreign
    }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.nodeType !== Node.ELEMENT_NODE) {
            found.push(`a comment: ${node.data}`);
            continue;
        }
        if (node.outerHTML === allowed.sheet) continue;
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
window.readThrough = (root, withinReach = 'a, summary, [tabindex]') => {
    for (const details of root.querySelectorAll('details')) details.open = true;
    for (const element of root.querySelectorAll(withinReach)) {
        if (element.focus) element.focus({preventScroll: true});
        for (const type of ['pointerover', 'mouseover', 'mouseenter', 'mousemove']) {
            element.dispatchEvent(new MouseEvent(type, {bubbles: true}));
        }
    }
};

const settled = () => new Promise(done => setTimeout(done, 10));

// A frame whose documents are written by the parser of whole pages, one after the other.
const openFrame = hidden => {
    const frame = document.createElement('iframe');
    frame.hidden = hidden;
    document.body.appendChild(frame);
    for (const name of CALLED) frame.contentWindow[name] = window[name];
    return text => {
        frame.contentDocument.open();
        frame.contentDocument.write(text);
        frame.contentDocument.close();
        return frame.contentDocument;
    };
};

// Shows every fragment the way a front end does, all of them once more as one document, and every page.
window.examine = async (fragments, pages, {elements, styles, sheet, head}) => {
    const allowed = {elements: new Set(elements), styles: new Set(styles), sheet};
    const found = [];
    const note = (what, notes) => found.push(...notes.map(text => `${what}: ${text.slice(0, 300)}`));
    document.body.replaceChildren();
    const outputs = document.body.appendChild(document.createElement('section'));
    for (const html of fragments) outputs.appendChild(document.createElement('div')).innerHTML = html;
    readThrough(outputs);
    const write = openFrame(true);  // laid out above already
    note('parsed as a document', foreign(write(`<!DOCTYPE html><title>x</title>${fragments.join('')}`).body, allowed));
    for (const html of pages) {
        const page = write(html);
        page.title = '';
        note('a page', foreign(page.body, allowed, true));
        if (page.head.innerHTML !== head) note('a page', [`the head ${page.head.innerHTML}`]);
        if (page.body.children.length !== 1) note('a page', [`beside main: ${page.body.lastElementChild.outerHTML}`]);
    }
    await settled();
    [...outputs.children].forEach((output, at) => note(`fragment ${at}`, foreign(output, allowed)));
    if (outputs.children.length !== fragments.length) note('a fragment', ['it left its place']);
    return found;
};

// The opposite: every text as raw HTML and in raw attributes, each in a frame of its own, because some lead it
// away. Returns how many of them brought something foreign.
window.expose = async (texts, {elements, styles}) => {
    const allowed = {elements: new Set(elements), styles: new Set(styles)};
    let foreigners = 0;
    for (const text of texts) {
        const page = openFrame(false)('<!DOCTYPE html><title>x</title>');
        page.body.innerHTML = text;
        foreigners += foreign(page.body, allowed).length > 0;
        page.body.insertAdjacentHTML('beforeend', `<b title="${text}"></b><b title='${text}'></b>`);
        readThrough(page.body, '*');
    }
    await settled();
    return foreigners;
};

// The texts of an element whose contrast with what is behind them is below WCAG's 4.5 to 1, every fold open.
root => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const parse = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B, A]) => {
        const alpha = a + A * (1 - a), mix = (c, C) => alpha && (c * a + C * A * (1 - a)) / alpha;
        return [mix(r, R), mix(g, G), mix(b, B), alpha];
    };
    // What is seen where `layer` is painted into an element: an opacity fades an element with all that is in it.
    const seen = (layer, element) => {
        for (let e = element; e; e = e.parentElement) {
            const style = getComputedStyle(e);
            layer = over(layer, parse(style.backgroundColor));
            layer[3] *= parseFloat(style.opacity);
        }
        return over(layer, [255, 255, 255, 1]);
    };
    const light = ([r, g, b]) => {
        const [R, G, B] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };
    const poor = [];
    for (const details of root.querySelectorAll('details')) details.open = true;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility()) continue;
        const back = seen([0, 0, 0, 0], element), front = seen(parse(getComputedStyle(element).color), element);
        const [a, b] = [light(front), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`);
    }
    return poor;
}

/**
 * Every style element a script of ours makes carries the nonce of the page. antd hands it on by `ConfigProvider csp`, save in the helper that
 * locks the scroll below a dialog, which makes a style of its own and would be refused. Scripts from elsewhere do not run here at all.
 */
export function nonceForStyles(nonce: string | undefined): void {
  if (!nonce) return;
  const make = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const made = make(name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
}

import { expect, it } from 'vitest';
import { nonceForStyles } from './nonce';

it('gives the nonce to styles and to nothing else', () => {
  const before = document.createElement;
  nonceForStyles(undefined);
  expect(document.createElement).toBe(before);
  nonceForStyles('n1');
  expect(document.createElement('style').nonce).toBe('n1');
  expect(document.createElement('div').nonce || undefined).toBeUndefined();
  document.createElement = before;
});

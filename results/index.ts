export * from './read-tap.ts';

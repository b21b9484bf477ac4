/** Paths in files are meant from where the file is, so that a network works from wherever it is started. */
export function resolveFrom(file: string, path: string): string {
  const isAbsolute = /^([\\/]|[A-Za-z]:[\\/])/.test(path);
  return isAbsolute ? path : `${/^.*[\\/]/.exec(file)?.[0] ?? ''}${path}`;
}

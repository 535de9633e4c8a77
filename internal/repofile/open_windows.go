package repofile

// Named pipes have no names among files, and only administrators make links.
const nonblock, noFollow = 0, 0

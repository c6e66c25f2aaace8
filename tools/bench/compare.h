// `spry-bench compare`: spry and its peers, measured in turn on this machine, and the ratios.
#pragma once

// argv[0] is "compare". The exit status: 0 every installed peer has a figure, 1 one has none, 2 the
// command line is wrong.
int compare_main(int argc, char **argv);

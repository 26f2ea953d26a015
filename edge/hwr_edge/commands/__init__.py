"""The commands of `hwr-edge`, a module each, loaded when it is asked for."""

"""HTTP views: each makes one call to a lower layer, then responds."""

package interleave

// Again makes Explore go on from states that it knows.
func Again() Option { return func(o *options) { o.again = true } }

package future

import (
	"reflect"
	"strings"
)

// typeName is the String of a future that the function fn made, as future.Map[int,string].
// The futures of this package have a String so that printing one in use reads
// nothing that its Poll, Cancel or wakes write.
func typeName(fn string, types ...reflect.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return "future." + fn + "[" + strings.Join(names, ",") + "]"
}

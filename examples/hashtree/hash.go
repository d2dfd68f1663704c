package main

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"
)

// An algorithm makes digests.
type algorithm struct {
	name string
	new  func() hash.Hash
}

// algorithms are those that -algo names. The first is the default.
var algorithms = []algorithm{
	{"sha256", sha256.New},
	{"sha512", sha512.New},
	{"md5", md5.New},
}

func algorithmNames() string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = a.name
	}
	return strings.Join(names, ", ")
}

// set makes a the algorithm with the given name.
func (a *algorithm) set(name string) error {
	for _, known := range algorithms {
		if known.name == name {
			*a = known
			return nil
		}
	}
	return fmt.Errorf("there are %s", algorithmNames())
}

// buffers are what files are read into.
var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// sum returns the digest of a file, in hexadecimal, and how many bytes it has read.
// It blocks, and stops soon after ctx has ended.
func (j *job) sum(ctx context.Context, e entry) (digest string, size int64, err error) {
	f, err := e.open()
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	buf := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buf)
	h := j.algo.new()
	for ctx.Err() == nil {
		n, err := f.Read(buf[:])
		h.Write(buf[:n])
		size += int64(n)
		j.stats.bytes.Add(int64(n))
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), size, nil
		}
		if err != nil {
			return "", size, err
		}
	}
	return "", size, context.Cause(ctx)
}

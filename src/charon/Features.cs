// The modules of this daemon, under the names that the reference gives to its plugins.
using System.Collections.Immutable;

namespace Cygnet.Charon;

static class Features
{
    public static readonly ImmutableArray<string> All =
        ["charon", "openssl", "random", "nonce", "x509", "constraints", "pubkey", "pkcs1", "pkcs8", "pem", "socket-default", "kernel-libipsec", "vici", "updown", "eap-radius", "counters"];
}

// A private key as the credential store has it.
using Cygnet.Crypto;

namespace Cygnet.Auth;

/// <summary>A private key, who loaded it (as <see cref="SharedSecret.Source"/>), and the file or card that it came from, for the log.</summary>
public sealed record StoredKey(PrivateKey Key, string Source = "", string Path = "");

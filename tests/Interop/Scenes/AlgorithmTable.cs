// Every algorithm of IKE and of ESP that Cygnet has, as the proposals that hold it alone, and what the peer lacks.
namespace Cygnet.Interop.Scenes;

/// <summary>Proposals in the words of ipsec.conf. What the peer (Debian's strongSwan 5.9.8, ESP in user space) has not is named in <see cref="Lacking"/>.</summary>
static class AlgorithmTable
{
    static readonly int[] Bits = [128, 192, 256];

    static readonly string[] Classic =
    [
        .. Bits.Select(b => $"aes{b}"), .. Bits.Select(b => $"aes{b}ctr"), .. Bits.Select(b => $"camellia{b}"), .. Bits.Select(b => $"camellia{b}ctr"),
        "3des", "des", "cast128", .. Bits.Select(b => $"blowfish{b}"),
    ];

    static readonly string[] Aeads =
    [
        .. Bits.SelectMany(b => (string[])[$"aes{b}gcm8", $"aes{b}gcm12", $"aes{b}gcm16", $"aes{b}ccm8", $"aes{b}ccm12", $"aes{b}ccm16"]),
        .. Bits.SelectMany(b => (string[])[$"camellia{b}ccm8", $"camellia{b}ccm12", $"camellia{b}ccm16"]), "chacha20poly1305",
    ];

    static readonly string[] Macs = ["sha1", "sha1_160", "sha256", "sha256_96", "sha384", "sha512", "md5", "md5_128", "aesxcbc", "aescmac", "camelliaxcbc"];

    static readonly string[] Prfs = ["prfsha1", "prfsha256", "prfsha384", "prfsha512", "prfmd5", "prfaesxcbc", "prfaescmac", "prfcamelliaxcbc"];

    static readonly string[] Exchanges =
    [
        "modp768", "modp1024", "modp1536", "modp2048", "modp3072", "modp4096", "modp6144", "modp8192", "modp1024s160", "modp2048s224", "modp2048s256",
        "ecp192", "ecp224", "ecp256", "ecp384", "ecp521", "ecp224bp", "ecp256bp", "ecp384bp", "ecp512bp", "curve25519", "curve448", "mlkem512", "mlkem768", "mlkem1024",
    ];

    /// <summary>Words that the peer does not know, or has no implementation of.</summary>
    static readonly string[] Lacking = ["mlkem512", "mlkem768", "mlkem1024", "sha256_96"];

    /// <summary>What the peer's user-space ESP cannot do besides: it has no GMAC, no ESN, and knows no key length for the last.</summary>
    static readonly string[] LackingInEsp = [.. Bits.Select(b => $"aes{b}gmac"), "esn", "camelliaxcbc"];

    public static string[] Ike { get; } =
    [
        .. Classic.Select(c => $"{c}-sha256-x25519"), .. Aeads.Select(a => $"{a}-prfsha256-x25519"), .. Macs.Select(m => $"aes128-{m}-x25519"),
        .. Prfs.Select(p => $"aes128gcm16-{p}-x25519"), .. Exchanges.Select(e => $"aes128-sha256-{e}"),
    ];

    public static string[] Esp { get; } =
    [
        .. Classic.Select(c => $"{c}-sha256"), .. Aeads, "chacha20poly1305compat", .. Bits.Select(b => $"aes{b}gmac"), "null-sha256", .. Macs.Select(m => $"aes128-{m}"),
        "aes128-sha1-esn", "aes128gcm16-esn",
    ];

    public static bool PeerHasIke(string proposal) => !proposal.Split('-').Any(Lacking.Contains);

    public static bool PeerHasEsp(string proposal) => !proposal.Split('-').Any(word => Lacking.Contains(word) || LackingInEsp.Contains(word));
}

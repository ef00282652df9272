// load-cert of type X509_CRL: kept if it is newer than what is loaded of its issuer; x-cache-crls. docs/vici.md.
using System.Collections.Immutable;
using Cygnet.Pki;

namespace Cygnet.Control;

static class CrlLoading
{
    const long MaxBytes = 1 << 26;

    /// <summary>
    /// The key <c>data</c> holds the list; or, as an extension, <c>data</c> is a list of its parts, and <c>more</c> says that a further request brings the
    /// rest: a value has at most 65535 bytes, and lists of public CAs are longer.
    /// </summary>
    public static Change Load(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        ImmutableArray<byte[]> parts = request.Bytes("data") is { } whole ? [whole] : [.. state.IncomingCrl, .. request.Lists.Where(l => l.Name == "data").SelectMany(l => l.Items)];
        state = state with { IncomingCrl = [] };
        if (packet.Malformed || parts.IsEmpty) return Change.Refused(state, "certificate data missing");
        if (parts.Sum(p => (long)p.Length) > MaxBytes) return Change.Refused(state, $"a CRL of more than {MaxBytes} bytes is not loaded");
        if (request.Boolean("more")) return Change.Done(state with { IncomingCrl = parts });
        return Crl.TryParse(parts.Length == 1 ? parts[0] : [.. parts.SelectMany(p => p)], out var reason) is { } crl
            ? Change.Done(state.With(b => b.Add(crl)))
            : new(state, Answer.No("parsing X509_CRL certificate failed").Add("x-reason", reason));
    }

    /// <summary>An extension, for <c>cachecrls</c>: fetched CRLs are written into that <c>directory</c>; without one, nowhere.</summary>
    public static Change Cache(LoadedState state, ViciPacket packet)
    {
        var directory = packet.Message.Utf8("directory");
        return directory is null or ['/', ..] ? Change.Done(state with { CrlDirectory = directory }) : Change.Refused(state, "the directory for CRLs is no absolute path");
    }
}

// Kinds of chains: one thing each that is good or broken, and what is to become of it.
using System.Formats.Asn1;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool.Tests.Corpus;

/// <summary>A kind: its name, whether Cygnet takes it, and what it changes in a good chain.</summary>
sealed record Kind(string Name, bool IsAccepted, Action<ChainDraft, Random> Change)
{
    /// <summary>How many intermediate CAs it needs.</summary>
    public int Least { get; init; }

    /// <summary>All of them.</summary>
    public static Kind[] All { get; } = [.. PathKinds.All, .. NameKinds.All, .. PolicyKinds.All, .. EncodingKinds.All];
}

/// <summary>What the lists of kinds share.</summary>
static class Change
{
    public const string BasicConstraints = "2.5.29.19", KeyUsage = "2.5.29.15", ExtendedKeyUsage = "2.5.29.37", AltName = "2.5.29.17", NameConstraints = "2.5.29.30",
        Policies = "2.5.29.32", Mappings = "2.5.29.33", PolicyConstraints = "2.5.29.36", InhibitAny = "2.5.29.54", Blocks = "1.3.6.1.5.5.7.1.7", SubjectKey = "2.5.29.14",
        AuthorityKey = "2.5.29.35", CrlPoints = "2.5.29.31", InfoAccess = "1.3.6.1.5.5.7.1.1", AnyPolicy = "2.5.29.32.0";

    public static void With(this Draft draft, Func<CertificateContent, CertificateContent> change) => draft.Content = change(draft.Content);

    /// <summary>Puts an extension in place of the one of that identifier.</summary>
    public static void Put(this Draft draft, string oid, bool isCritical, Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        draft.Put(oid, isCritical, writer.Encode());
    }

    public static void Put(this Draft draft, string oid, bool isCritical, byte[] value) => draft.Extensions.Add((oid, isCritical, value));

    public static void Omit(this Draft draft, string oid) => draft.Extensions.Add((oid, false, null));

    /// <summary>One of the CAs between, or, where there is none, the root.</summary>
    public static Draft SomeCa(this ChainDraft chain, Random random) => chain.Certificates[random.Next(1, Math.Max(2, chain.Certificates.Count - 1))];

    public static void Sequence(this AsnWriter writer, Action<AsnWriter> inside)
    {
        using (writer.PushSequence()) inside(writer);
    }

    public static void Permit(this Draft draft, params string[] names) => draft.With(c => c with { PermittedNames = [.. names.Select(Name)] });

    public static void Exclude(this Draft draft, params string[] names) => draft.With(c => c with { ExcludedNames = [.. names.Select(Name)] });

    public static void Call(this Draft draft, params string[] names) => draft.With(c => c with { AltNames = [.. names.Select(Name)] });

    static Identity Name(string text) => text.Contains("://", StringComparison.Ordinal) || text.StartsWith("uri:", StringComparison.Ordinal)
        ? GeneralNames.Uri(text.StartsWith("uri:", StringComparison.Ordinal) ? text[4..] : text)! : Identity.Parse(text);
}

// Printing and reading proposals: the keyword grammar of ike= and esp=, and the form of the logs. ipsec.conf(5).
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cygnet.Crypto;

namespace Cygnet.Policy;

/// <summary>The text forms of a <see cref="Proposal"/>: keywords joined by hyphens, and the printed form of logs and status.</summary>
public static class ProposalText
{
    // The order in which the printed form lists the types.
    static readonly ImmutableArray<TransformType> _printed =
    [
        TransformType.Encryption, TransformType.Integrity, TransformType.Prf, TransformType.KeyExchange,
        .. Enumerable.Range((int)TransformType.AdditionalKeyExchange1, 7).Select(t => (TransformType)t), TransformType.ExtendedSequenceNumbers,
    ];

    /// <summary><c>IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048</c>.</summary>
    public static string Format(Proposal proposal)
    {
        var text = new StringBuilder(Word(proposal.Protocol)).Append(':');
        var first = true;
        foreach (var type in _printed)
            foreach (var transform in proposal.Of(type))
            {
                if (!first) text.Append('/');
                first = false;
                text.Append(Transforms.Name(transform));
            }
        return text.ToString();
    }

    /// <summary>The printed form of several, as <c>received proposals:</c> has it.</summary>
    public static string Format(IEnumerable<Proposal> proposals) => string.Join(", ", proposals.Select(Format));

    /// <summary>IKE, ESP, AH.</summary>
    public static string Word(SecurityProtocol protocol) => protocol switch
    {
        SecurityProtocol.Ike => "IKE",
        SecurityProtocol.Esp => "ESP",
        SecurityProtocol.Ah => "AH",
        _ => $"({(int)protocol})",
    };

    /// <summary>The keyword that means exactly this transform, or its printed name if there is none.</summary>
    public static string Keyword(Transform transform)
    {
        if (Transforms.Find(transform) is { } row)
            foreach (var (word, bits) in row.Keywords)
                if (bits == transform.KeyBits && word != "aes")
                    return transform.Round > 0 ? $"ke{transform.Round}_{word}" : word;
        return Transforms.Name(transform);
    }

    /// <summary>The proposal in keywords, such that <see cref="TryParseOne"/> reads it back.</summary>
    public static string Keywords(Proposal proposal) => string.Join('-', _printed.SelectMany(proposal.Of).Select(Keyword));

    /// <summary>
    /// Reads the value of <c>ike=</c>, <c>esp=</c> or <c>ah=</c> of ipsec.conf. Without a final <c>!</c> the default proposals are appended.
    /// One proposal that is wrong spoils the whole value.
    /// </summary>
    public static bool TryParse(SecurityProtocol protocol, string text, out ImmutableArray<Proposal> proposals, [NotNullWhen(false)] out ProposalError? error)
    {
        proposals = [];
        error = null;
        var words = text.Trim();
        var strict = words.EndsWith('!');
        if (strict) words = words[..^1];
        var all = ImmutableArray.CreateBuilder<Proposal>();
        // Nothing at all is no mistake, nothing between two commas is one.
        foreach (var one in words.Length > 0 || strict ? words.Split(',', StringSplitOptions.TrimEntries) : [])
        {
            if (!TryParseOne(protocol, one, out var proposal, out error)) return false;
            all.Add(proposal);
        }
        if (!strict || all.Count == 0) all.AddRange(Defaults(protocol));
        proposals = all.ToImmutable();
        return true;
    }

    /// <summary>The default proposals in the order of ipsec.conf: classic ciphers before AEADs. swanctl.conf turns that round for ESP.</summary>
    public static ImmutableArray<Proposal> Defaults(SecurityProtocol protocol) => protocol switch
    {
        SecurityProtocol.Ike => [Proven(protocol, DefaultProposals.IkeClassic), Proven(protocol, DefaultProposals.IkeAead)],
        SecurityProtocol.Esp => [Proven(protocol, DefaultProposals.EspClassic), Proven(protocol, DefaultProposals.EspAead)],
        SecurityProtocol.Ah => [Proven(protocol, DefaultProposals.Ah)],
        _ => [],
    };

    // Key exchanges are for the crypto door to judge.
    static Proposal Proven(SecurityProtocol protocol, ImmutableArray<Transform> transforms) =>
        new(protocol, [.. transforms.Where(t => t.Type == TransformType.KeyExchange || SelfTest.Passed(t))]);

    /// <summary>Reads one proposal: keywords joined by hyphens, in any order.</summary>
    public static bool TryParseOne(SecurityProtocol protocol, string text, [NotNullWhen(true)] out Proposal? proposal, [NotNullWhen(false)] out ProposalError? error)
    {
        proposal = null;
        var choices = new List<AlgorithmChoice>();
        var transforms = new List<Transform>();
        foreach (var word in text.Split('-', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryWord(word, out var choice, out var round))
            {
                error = new(word, text, $"algorithm '{word}' not recognized", "an algorithm of 'ipsec listalgs'");
                return false;
            }
            // AES-GMAC of AH is an integrity algorithm, which is another row.
            var isBuilt = choice.IsBuilt && !(protocol == SecurityProtocol.Ah && choice.Algorithm is { Type: TransformType.Encryption, Id: Encr.NullAesGmac });
            if (!isBuilt || choice.Transform is not { } transform)
            {
                error = new(word, text, null, "an algorithm of 'ipsec listalgs'") { IsNotBuilt = true };
                return false;
            }
            if (transform.Type is not TransformType.KeyExchange && !SelfTest.Passed(transform))
            {
                var reason = $"'{word}' is not offered: the libcrypto of this machine does not have it, or its self-test failed";
                error = new(word, text, reason, "an algorithm of 'ipsec listalgs'");
                return false;
            }
            choices.Add(choice);
            if (round > 0) transform = transform with { Type = TransformType.AdditionalKeyExchange1 + (byte)(round - 1) };
            if (!transforms.Contains(transform)) transforms.Add(transform);
        }
        if (Inconsistency(protocol, choices, transforms) is { } wrong)
        {
            error = new(text, text, wrong, wrong) { IsIncomplete = true };
            return false;
        }
        proposal = new(protocol, [.. _printed.SelectMany(type => transforms.Where(t => t.Type == type))]);
        if (!ProposalChoice.IsPossible(proposal))
        {
            error = new(text, text, "a key exchange method can be used only once in a proposal", "another method for each additional key exchange");
            proposal = null;
            return false;
        }
        error = null;
        return true;
    }

    /// <summary>Nearest keyword of the proposal grammar, for "did you mean".</summary>
    public static string? Nearest(string word) => Config.Nearest.To(word, Transforms.Keywords);

    static bool TryWord(string word, out AlgorithmChoice choice, out int round)
    {
        round = 0;
        if (word.Length > 4 && word.StartsWith("ke", StringComparison.OrdinalIgnoreCase) && word[2] is >= '1' and <= '7' && word[3] == '_')
        {
            round = word[2] - '0';
            word = word[4..];
        }
        var found = Transforms.ByKeyword(word);
        choice = found ?? default;
        return found is { } c && (round == 0 || c.Algorithm.Type == TransformType.KeyExchange);
    }

    // Applies the rules of consistency: removes what the protocol has no use for, adds what follows, says what is missing.
    static string? Inconsistency(SecurityProtocol protocol, List<AlgorithmChoice> choices, List<Transform> transforms)
    {
        bool Has(TransformType type) => transforms.Exists(t => t.Type == type);
        var name = Word(protocol);
        // a round that has nothing but NONE is no round
        transforms.RemoveAll(t => t.Round > 0 && transforms.TrueForAll(other => other.Type != t.Type || other.Id == Ke.None));
        var ciphers = choices.Where(c => c.Algorithm.Type == TransformType.Encryption).ToList();
        var aead = ciphers.Exists(c => c.Algorithm.IsAead);
        if (aead && ciphers.Exists(c => !c.Algorithm.IsAead)) return $"AEAD and classic ciphers cannot be mixed in one {name} proposal";
        if (protocol == SecurityProtocol.Ike)
        {
            transforms.RemoveAll(t => t is { Type: TransformType.KeyExchange, Id: Ke.None } or { Type: TransformType.ExtendedSequenceNumbers });
            if (ciphers.Exists(c => c.Algorithm.IsEspOnly)) return "encryption that hides nothing (null, aes…gmac) is for ESP only";
            if (!Has(TransformType.Prf))
                foreach (var choice in choices)
                    if (choice.Algorithm.ImpliedPrf is { } prf && !transforms.Contains(new(TransformType.Prf, prf))) transforms.Add(new(TransformType.Prf, prf));
            if (!Has(TransformType.Prf)) return "a PRF algorithm is mandatory in IKE proposals";
            if (!Has(TransformType.KeyExchange)) return "a DH group is mandatory in IKE proposals";
        }
        else
        {
            transforms.RemoveAll(t => t.Type == TransformType.Prf);
            if (!Has(TransformType.ExtendedSequenceNumbers)) transforms.Add(new(TransformType.ExtendedSequenceNumbers, 0));
        }
        if (protocol == SecurityProtocol.Ah)
        {
            transforms.RemoveAll(t => t.Type == TransformType.Encryption);
            return Has(TransformType.Integrity) ? null : "an integrity algorithm is mandatory in AH proposals";
        }
        if (ciphers.Count == 0) return $"an encryption algorithm is mandatory in {name} proposals";
        if (aead) transforms.RemoveAll(t => t.Type == TransformType.Integrity);
        // ESP too: encryption without integrity is a MUST NOT of RFC 8221 section 5 that the reference lets pass.
        else if (!Has(TransformType.Integrity)) return $"an integrity algorithm is mandatory in {name} proposals";
        return null;
    }
}

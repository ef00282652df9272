// One round of a validation: what is known when it begins, and what turns out to be missing, or worth keeping, at its end.
namespace Cygnet.Pki.Revocation;

/// <summary>Settings charon.plugins.revocation.enable_ocsp and enable_crl.</summary>
public sealed record StatusSettings(bool UsesOcsp = true, bool UsesCrls = true);

/// <summary>
/// Belongs to one call of <see cref="Auth.ICredentials.Trust"/>. With <see cref="Needs"/> afterwards, its outcome is not final: the validation is to be
/// repeated with these answers. <paramref name="mayFetch"/> false: what is missing stays missing, and nothing is asked for.
/// </summary>
public sealed class StatusRound(StatusPicture cached, IReadOnlyDictionary<StatusNeed, StatusAnswer> answers, bool mayFetch)
{
    readonly List<StatusNeed> _needs = [];
    readonly List<Crl> _crls = [];
    readonly List<OcspResponse> _responses = [];

    /// <summary>By what is loaded alone.</summary>
    public static StatusRound Offline => new(StatusPicture.Empty, new Dictionary<StatusNeed, StatusAnswer>(), false);

    public StatusSettings Settings { get; init; } = new();
    public StatusPicture Cached => cached;

    /// <summary>What the peer itself has sent: worth as much as what is fetched. RFC 4806.</summary>
    public IReadOnlyList<OcspResponse> Received { get; init; } = [];
    public bool MayFetch => mayFetch;
    public IReadOnlyList<StatusNeed> Needs => _needs;

    /// <summary>Fetched, verified and current: for the cache.</summary>
    public IReadOnlyList<Crl> LearnedCrls => _crls;
    public IReadOnlyList<OcspResponse> LearnedResponses => _responses;

    /// <summary>The answer if there is one, also that it failed lately; else null, and it is noted as needed.</summary>
    internal StatusAnswer? Ask(StatusNeed need, DateTimeOffset now)
    {
        if (answers.TryGetValue(need, out var answer) || (answer = cached.FailureOf(need, now)) is not null) return answer;
        if (!_needs.Contains(need)) _needs.Add(need);
        return null;
    }

    internal void Learn(Crl crl) => _crls.Add(crl);

    internal void Learn(OcspResponse response) => _responses.Add(response);
}

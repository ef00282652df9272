// IKE_AUTH, a peer's signature and certificates in rounds: where revocation is not known, it is asked for, and all is checked again. RFC 4945 5.3.
using Cygnet.Auth;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    // For one peer; what is wanted beyond counts as unreachable.
    const int MaxFetches = 16;

    /// <summary>What a peer has shown in one round, and the octets that it had to sign.</summary>
    sealed record Shown(AuthRound Round, Identity Peer, AuthPayload Auth, byte[] Octets, byte[][] Certificates, IReadOnlyList<AttributeCertificate> Attributes)
    {
        /// <summary>What came along about revocation. RFC 4806.</summary>
        public IReadOnlyList<OcspResponse> Responses { get; init; } = [];
    }

    void VerifySignature(Shown proof, Action<Denial?> then)
    {
        var host = Ike.Engine.Host;
        var settings = Ike.Engine.Settings;
        var (crypto, credentials, now, written) = (host.Crypto, Ike.Engine.Configuration!.Credentials, host.WallTime, 0);
        // chain and signature are verified in one go: some hundred microseconds to milliseconds
        InRounds(proof.Responses, now,
            status => WithGroups(VerifySignature(crypto, credentials.Trust(crypto, proof.Peer, proof.Certificates, proof.Round, now, status, settings.Trust), proof, settings.SignatureAuthenticationConstraints), crypto, credentials, proof, now, status),
            (verdict, _) =>
            {
                foreach (var line in verdict.Lines.Skip(written)) Ike.Write(LogGroup.Cfg, 1, line);
                written = verdict.Lines.Count;
                return !verdict.IsPending;
            },
            verdict => Conclude(proof, verdict, then));
    }

    /// <summary>Finds something out, and once more with what it lacks to know of revocation, until <paramref name="isDone"/> says that it lacks nothing.</summary>
    void InRounds<T>(IReadOnlyList<OcspResponse> received, DateTimeOffset now, Func<StatusRound, T> find, Func<T, StatusRound, bool> isDone, Action<T> then)
    {
        var host = Ike.Engine.Host;
        // The cache is that of the beginning all the while: every round then comes to the same lines, up to where the last one lacked something.
        var (cached, answers) = (host.Shared.Statuses.Current, new Dictionary<StatusNeed, StatusAnswer>());
        Once();

        void Once()
        {
            var status = new StatusRound(cached, answers, host.StatusFetcher is not null) { Settings = host.StatusFetcher?.Settings ?? new(), Received = received };
            Ike.Do(this, 1000, () => find(status), found =>
            {
                if (!isDone(found, status))
                {
                    Fetch(host.StatusFetcher!, status.Needs, answers, Once);
                    return;
                }
                host.StatusFetcher?.Keep(host.Shared.Statuses.Learn(status, now));
                then(found);
            });
        }
    }

    void Conclude(Shown proof, Verdict verdict, Action<Denial?> then)
    {
        Tell(verdict.Faults);
        if (verdict.Reason is null)
        {
            Ike.Log(LogGroup.Ike, 1, $"authentication of '{proof.Peer}' with {verdict.Scheme} successful");
            Ike.PeerAddressBlocks ??= verdict.AddressBlocks;
            then(WrongGroups(proof.Round, verdict.Groups));
            return;
        }
        Ike.Log(LogGroup.Ike, 1, $"{verdict.Reason}");
        // The end of the story says what went wrong.
        then(new(verdict.Detail ?? verdict.Reason, verdict.Change) { Facts = [.. verdict.Lines.TakeLast(8).Select(l => l.Trim())] });
    }

    // Where nobody asks for the status of certificates, nobody misses it.
    void Tell(IEnumerable<CertificateFault> faults)
    {
        var settings = Ike.Engine.Host.StatusFetcher?.Settings ?? new();
        foreach (var fault in faults)
            if (fault != CertificateFault.StatusUnknown || settings.UsesOcsp || settings.UsesCrls) Ike.Alert(AlertType.Of(fault));
    }

    void Fetch(IStatusFetcher fetcher, IReadOnlyList<StatusNeed> needs, Dictionary<StatusNeed, StatusAnswer> answers, Action then)
    {
        var wanted = needs.Take(Math.Max(0, MaxFetches - answers.Count)).ToArray();
        foreach (var need in needs.Skip(wanted.Length)) answers[need] = StatusAnswer.Failed($"more than {MaxFetches} fetches for one peer");
        Ike.Do(this, 1000, async () => await System.Threading.Tasks.Task.WhenAll(wanted.Select(n => fetcher.Fetch(n).AsTask())).ConfigureAwait(false), fetched =>
        {
            for (var i = 0; i < wanted.Length; i++)
            {
                answers[wanted[i]] = fetched[i];
                Ike.Engine.Host.Shared.Statuses.Note(wanted[i], fetched[i], Ike.Engine.Host.WallTime);
            }
            then();
        });
    }
}

// IKE_AUTH with a post-quantum pre-shared key mixed into the keys. RFC 8784 3.
//   AUTH with SK_p' = prf+ (PPK, SK_p), N(PPK_IDENTITY, PPK_ID), [N(NO_PPK_AUTH)]  -->
//                        <--  AUTH with SK_p', N(PPK_IDENTITY)
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    const byte FixedPpkId = 2; // RFC 8784 5.1

    byte[]? _ppk;
    string _ppkId = "";
    bool _ppkIsNamed; // initiator: N(PPK_IDENTITY) went out
    bool _ppkIsUsed; // both ends have it: initiator: the peer said so; responder: we found it

    /// <summary>The keys of AUTH for our proof: with the PPK, and as initiator a second one without it if the peer may do without.</summary>
    byte[][] AuthKeys() => _ppk is null || !Ike.IsInitiator && !_ppkIsUsed ? [OwnSkP]
        : Ike.IsInitiator && !Connection.PpkRequired && !_ppkIsUsed ? [Mixed(OwnSkP), OwnSkP] : [Mixed(OwnSkP)];

    /// <summary>SK_p for the peer's AUTH.</summary>
    byte[] PeerAuthKey => _ppkIsUsed ? Mixed(PeerSkP) : PeerSkP;

    byte[] Mixed(byte[] key) => Ike.Prf!.Plus(_ppk!, key, key.Length);

    /// <summary>Initiator: the key that the connection names; false with the reason if it is required and cannot be used.</summary>
    bool TakePpk(out string reason)
    {
        reason = "";
        if (Connection.PpkId.Length == 0) return true;
        if (!Ike.PeerUsesPpk)
        {
            reason = "the peer does not support PPKs, and 'ppk_required=yes'";
            Ike.Log(LogGroup.Cfg, 1, $"peer does not support PPK{(Connection.PpkRequired ? "" : ", ignored")}");
            return !Connection.PpkRequired;
        }
        return FindPpk(Connection.PpkId, out reason) || !Connection.PpkRequired;
    }

    bool FindPpk(string id, out string reason)
    {
        reason = "";
        if (Ike.Engine.Configuration!.Credentials.PpkFor(Identity.Parse(id)) is { } secret)
        {
            (_ppk, _ppkId) = (secret, id);
            return true;
        }
        Ike.Log(LogGroup.Cfg, 1, $"{(Connection.PpkRequired ? "PPK required but no" : "no")} PPK found for '{id}'{(Connection.PpkRequired ? "" : ", ignored because PPK is not required")}");
        reason = $"there is no PPK for '{id}'; a 'ppk' secret with that id would give one";
        return false;
    }

    /// <summary>
    /// Responder: what the request with the first AUTH says of a PPK. Returns the AUTH that counts, or null with the reason.
    /// </summary>
    AuthPayload? NotePpk(Connection connection, Message request, AuthPayload auth, out string reason)
    {
        reason = "";
        ForgetPpk();
        if (!Ike.PeerUsesPpk || _peerRound > 0) return auth;
        if (request.Notify(NotifyType.PpkIdentity) is not { Data: [FixedPpkId, _, ..] data })
        {
            reason = $"'{connection.Name}' requires a PPK, and the peer names none";
            return connection.PpkRequired ? null : auth;
        }
        var id = System.Text.Encoding.UTF8.GetString(data.AsSpan(1));
        if (connection.PpkId.Length > 0 && Identity.Parse(id).Match(Identity.Parse(connection.PpkId)) == 0)
        {
            Ike.Log(LogGroup.Cfg, 1, $"received PPK_ID '{id}', but require '{connection.PpkId}'");
            reason = $"the peer's PPK '{id}' is not '{connection.PpkId}' ('ppk_id' of '{connection.Name}')";
        }
        else if (FindPpk(id, out reason))
        {
            _ppkIsUsed = true;
            return auth;
        }
        // without the key the peer's other AUTH counts, if it sent one and we may do without
        if (request.Notify(NotifyType.NoPpkAuth) is { } without && !connection.PpkRequired)
        {
            reason = "";
            return auth with { Data = without.Data };
        }
        return null;
    }

    /// <summary>The notifies that go with our AUTH of the first round.</summary>
    List<Payload> PpkPayloads(byte[]? withoutPpk)
    {
        if (_ppk is null || _ownRound > 0) return [];
        if (!Ike.IsInitiator) return _ppkIsUsed ? [new NotifyPayload(NotifyType.PpkIdentity, [])] : [];
        _ppkIsNamed = true;
        List<Payload> payloads = [new NotifyPayload(NotifyType.PpkIdentity, [FixedPpkId, .. System.Text.Encoding.UTF8.GetBytes(_ppkId)])];
        if (withoutPpk is not null) payloads.Add(new NotifyPayload(NotifyType.NoPpkAuth, withoutPpk));
        return payloads;
    }

    /// <summary>Initiator: whether the peer has used it. False with the reason if it has not and it is required.</summary>
    bool NotePpkAnswer(Message response, out string reason)
    {
        reason = "";
        if (_ppk is null || !_ppkIsNamed || _ppkIsUsed) return true;
        _ppkIsUsed = response.Has(NotifyType.PpkIdentity);
        if (_ppkIsUsed) return true;
        reason = $"the peer did not use the PPK '{_ppkId}', and 'ppk_required=yes'";
        Ike.Log(LogGroup.Cfg, 1, $"peer didn't use PPK for PPK_ID '{_ppkId}'");
        return !Connection.PpkRequired;
    }

    /// <summary>Both first AUTH payloads are through: SK_d, SK_pi and SK_pr take the PPK in, and it is cleared.</summary>
    void ApplyPpk()
    {
        if (_ppk is not null && _ppkIsUsed)
        {
            Ike.Log(LogGroup.Cfg, 1, $"using PPK for PPK_ID '{_ppkId}'");
            Ike.UsesPpk = true;
            Ike.UseMixedKeys(Ike.Keys!.MixedWith(Ike.Prf!, _ppk));
        }
        ForgetPpk();
    }

    void ForgetPpk()
    {
        _ppkIsUsed = _ppkIsNamed = false;
        if (_ppk is null) return;
        // the store keeps its own copy
        CryptographicOperations.ZeroMemory(_ppk);
        _ppk = null;
    }
}

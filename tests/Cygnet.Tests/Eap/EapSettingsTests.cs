// Settings of EAP in strongswan.conf.
using Cygnet.Config;
using Cygnet.Eap;
using Cygnet.Tests.Config;

namespace Cygnet.Tests.Eap;

public sealed class EapSettingsTests
{
    static EapSettings Read(string text) => EapSettingsReader.Read(StrongswanSettings.Parse("/etc/strongswan.conf", MemoryFiles.With("/etc/strongswan.conf", text)));

    [Fact]
    public void Everything_that_is_set_arrives()
    {
        var settings = Read("""
            charon {
                tls {
                    version_min = 1.3
                    version_max = 1.3
                }
                plugins {
                    eap-tls {
                        fragment_size = 512
                        max_message_count = 0
                        include_length = no
                    }
                    eap-ttls {
                        phase2_method = mschapv2
                        phase2_piggyback = yes
                        request_peer_auth = yes
                    }
                    eap-peap {
                        phase2_method = md5
                        include_length = yes
                    }
                    eap-dynamic {
                        preferred = mschapv2, tls
                        prefer_peer = yes
                    }
                    eap-sim { request_identity = no }
                    eap-aka { request_identity = no }
                    eap-aka-3gpp { seq_check = yes }
                }
            }
            """);
        var d = new EapSettings();
        Assert.Equal(d with
        {
            TlsMinimum = TlsVersion.Tls13, TlsMaximum = TlsVersion.Tls13, Tls = d.Tls with { FragmentSize = 512, MaxMessageCount = 0, IncludeLength = false },
            Ttls = d.Ttls with { Phase2Method = "mschapv2", Phase2Piggyback = true, RequestPeerAuth = true }, Peap = d.Peap with { Phase2Method = "md5", IncludeLength = true },
            DynamicPreferred = "mschapv2, tls", DynamicPrefersPeer = true, SimRequestIdentity = false, AkaRequestIdentity = false, AkaSeqCheck = true,
        }, settings);
    }

    [Fact]
    public void Old_versions_of_TLS_do_not_come_back()
    {
        Assert.Equal(new EapSettings(), Read(""));
        var settings = Read("charon { tls { version_min = 1.0\n version_max = 1.1 } }");
        Assert.Equal((TlsVersion.Tls12, TlsVersion.Tls12), (settings.TlsMinimum, settings.TlsMaximum));
    }
}

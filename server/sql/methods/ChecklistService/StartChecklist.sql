-- Makes a task of each point of a checklist; the function has the rules.
SELECT v.* FROM checklist_start(:code, :on, :owner, :vendor, :start::date) AS v

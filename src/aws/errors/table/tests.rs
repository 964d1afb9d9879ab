//! What each row of the table is.

use super::*;
use crate::aws::operations::OPERATIONS;

#[test]
fn every_row_can_be_reached_and_is_written_in_lower_case_where_messages_are_compared() {
    for (index, row) in TABLE.iter().enumerate() {
        let hidden = TABLE[..index].iter().any(|earlier| {
            earlier.code == row.code
                && (earlier.services.is_empty() || earlier.services == row.services)
                && (earlier.operations.is_empty() || earlier.operations == row.operations)
                && row.message.contains(earlier.message)
        });
        assert!(!hidden, "{} {}", row.code, row.message);
        assert_eq!(row.message, row.message.to_lowercase());
    }
}

#[test]
fn every_row_names_operations_that_exist() {
    for row in TABLE {
        for name in row.operations {
            assert!(
                OPERATIONS.iter().any(|operation| operation.name == *name),
                "{name}"
            );
        }
    }
}
